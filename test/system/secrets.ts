/** Looks for secrets where none may be: in files, and in what the machine shows of its processes. */
import { readdirSync, readFileSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { markName } from '../lab/processes';

/** A secret as it is, and as it would be seen in other forms. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Base64 of it at each of the three places in a longer text, without the characters that its neighbours change.
  const inBase64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inBase64];
}

export function holds(text: string, secret: string): boolean {
  return around(text, secret) !== null;
}

/** What stands around the first place of a secret, without the secret itself; null when it is nowhere. */
export function around(text: string, secret: string): string | null {
  const form = forms(secret).find((one) => text.includes(one));
  if (form === undefined) return null;
  const at = text.indexOf(form);
  return `${text.slice(Math.max(0, at - 300), at)}<secret>${text.slice(at + form.length, at + form.length + 100)}`;
}

/** Files below these folders that hold the secret; links are not followed. */
export function filesWith(secret: string, folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((file) => {
      try {
        return lstatSync(file).isFile() && holds(readFileSync(file, 'latin1'), secret);
      } catch {
        // It went away while we looked.
        return false;
      }
    });
}

export interface Watch {
  /** Command lines that held a secret. */
  readonly shown: Set<string>;
  /** Command lines of processes that had a secret in their environment and are not pulumi's: on old, or of nobody. */
  readonly inherited: Set<string>;
  /** Processes of pulumi that had one. */
  readonly own: Set<string>;
  stop(): void;
}

const everyMs = 40;

/**
 * Looks at all processes again and again. Pulumi and its plugins carry the mark of the whole lab, processes on old that
 * of their part.
 */
export function watchProcesses(lab: string, secrets: readonly string[]): Watch {
  const [shown, inherited, own] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
      const command = read(pid, 'cmdline').replaceAll('\0', ' ');
      if (secrets.some((secret) => holds(command, secret))) shown.add(command);
      const environment = read(pid, 'environ');
      if (secrets.some((secret) => holds(environment, secret)))
        (environment.split('\0').includes(`${markName}=${lab}`) ? own : inherited).add(command);
    }
  };
  const timer = setInterval(look, everyMs);
  return { shown, inherited, own, stop: () => clearInterval(timer) };
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
