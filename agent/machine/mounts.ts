/** The kernel's table of mounted disks (proc_pid_mountinfo(5)). A hint: only running a program proves that it runs. */
import { readOrNull } from './files';

interface Mount {
  readonly point: string;
  readonly options: readonly string[];
}

/** Where the disk of this place is mounted, if no program may be executed there. `place`: a real path. */
export function noexecMount(place: string, table = readOrNull('/proc/self/mountinfo') ?? ''): string | null {
  const mount = mountOf(place, table);
  return mount?.options.includes('noexec') === true ? mount.point : null;
}

/** The longest one above it; of several at one point the last covers the others. */
function mountOf(place: string, table: string): Mount | null {
  const above = table
    .split('\n')
    .flatMap((line) => parseMount(line) ?? [])
    .filter(({ point }) => point === '/' || place === point || place.startsWith(`${point}/`));
  return above.reduce<Mount | null>(
    (found, mount) => (found === null || mount.point.length >= found.point.length ? mount : found),
    null,
  );
}

function parseMount(line: string): Mount | null {
  const [, , , , point, options] = line.split(' ');
  if (point === undefined || options === undefined) return null;
  return { point: unescape(point), options: options.split(',') };
}

/** Blanks, tabs, line breaks and backslashes are octal there; all other bytes are themselves. */
function unescape(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
