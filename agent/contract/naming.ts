/**
 * The commands in what is printed, with the stack that they are about: each can be typed as it stands. The agent, which
 * words most of them, knows no stack. Pure.
 */
import { quote } from './shellword';

export interface Naming {
  /** Undefined: the selected one, and there is no other. */
  readonly stack: string | undefined;
  /** The project's folder; undefined: where the commands look by themselves. */
  readonly cwd: string | undefined;
}

/** Not those that name it already. */
const ofNpm =
  /\bnpm run (status|verify|resolve|rejoin|repair|retire|restore|preview|up)\b(?!(?: --)? --(?:stack|cwd) )(?: --(?= ))?/g;
const ofPulumi = /\bpulumi (up|preview|config set)\b(?! --(?:stack|cwd) )/g;

export function nameStack(text: string, { stack, cwd }: Naming): string {
  const words = [...wordsOf('--stack', stack), ...wordsOf('--cwd', cwd)].join('');
  if (words === '') return text;
  return text
    .replace(ofNpm, (_whole, command: string) => `npm run ${command} --${words}`)
    .replace(ofPulumi, (whole) => `${whole}${words}`);
}

function wordsOf(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [` ${option} ${quote(value)}`];
}

/** Every text in a value that is printed as JSON. */
export function nameStackIn(value: unknown, naming: Naming): unknown {
  if (typeof value === 'string') return nameStack(value, naming);
  if (Array.isArray(value)) return value.map((inner: unknown) => nameStackIn(inner, naming));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nameStackIn(inner as unknown, naming)]));
}
