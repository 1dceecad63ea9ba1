/** A terminal's text as SVG, for the README. Pure. */

const [columnWidth, lineHeight, margin] = [8.4, 19, 16];

/** `command` stands in the first line, as it was typed. */
export function picture(command: string, output: string): string {
  const lines = [`$ ${command}`, ...output.trimEnd().split('\n')];
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * columnWidth + margin * 2);
  const height = lines.length * lineHeight + margin * 2;
  const rows = lines.map((line, index) => {
    const colour = index === 0 ? ' fill="#8bd5ca"' : '';
    return `<text x="${margin}" y="${margin + (index + 1) * lineHeight - 5}"${colour} xml:space="preserve">${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<!-- A real run of ${escaped(command)}; made by test/docs/picture.ts -->
<rect width="${width}" height="${height}" rx="8" fill="#1e2030"/>
<g font-family="monospace" font-size="14" fill="#cad3f5">
${rows.join('\n')}
</g>
</svg>
`;
}

/** `--` would end the comment. */
function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/--/g, '&#45;&#45;');
}
