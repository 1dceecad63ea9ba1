/** Bars as an SVG text: no library, readable on light and dark pages. Pure. */
import type { Chart } from './figures';
import { shown } from './statistics';

const width = 720;
const labels = 260;
const numbers = 90;
const row = 26;
const bar = 14;
const head = 44;

export function svg({ title, unit, bars }: Chart): string {
  const most = Math.max(...bars.flatMap(({ value, high = value }) => [value, high]).filter(Number.isFinite), 0);
  const length = (value: number): number =>
    most === 0 || !Number.isFinite(value) ? 0 : ((width - labels - numbers) * value) / most;
  const height = head + bars.length * row + 10;
  const drawn = bars.flatMap((one, index) => draw(one, { top: head + index * row, length, unit }));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="10" y="24" font-size="15" font-weight="bold" fill="#1f2328">${escape(title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly top: number;
  readonly length: (value: number) => number;
  readonly unit: string;
}

function draw({ label, value, high }: Chart['bars'][number], { top, length, unit }: Place): string[] {
  const middle = top + bar / 2;
  const end = labels + length(Math.max(value, high ?? value));
  const whisker =
    high === undefined
      ? []
      : [
          `<line x1="${at(labels + length(value))}" y1="${middle}" x2="${at(labels + length(high))}" y2="${middle}" stroke="#57606a" stroke-width="2"/>`,
        ];
  return [
    `<text x="${labels - 8}" y="${middle + 4}" text-anchor="end" fill="#1f2328">${escape(label)}</text>`,
    `<rect x="${labels}" y="${top}" width="${at(length(value))}" height="${bar}" fill="#0969da"/>`,
    ...whisker,
    `<text x="${at(end + 6)}" y="${middle + 4}" fill="#1f2328">${escape(`${shown(value)} ${unit}`)}</text>`,
  ];
}

function at(value: number): string {
  return value.toFixed(1);
}

function escape(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
