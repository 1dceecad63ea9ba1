/**
 * Small disks for parts of old, which a ballast file fills up. Only root can mount; elsewhere the folder is made
 * unwritable instead.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, type Heal } from './fault';

const holdMs = 3_000;
const chunk = Buffer.alloc(1 << 16);

/** Puts a small disk under a folder, with what is in it. False where that is not allowed. */
export function mountSmallDisk(folder: string, megabytes: number): boolean {
  mkdirSync(folder, { recursive: true });
  const aside = mkdtempSync(join(tmpdir(), 'gh-disk-'));
  const copy = (from: string, to: string): void =>
    cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  try {
    copy(folder, aside);
    execFileSync(
      'mount',
      ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=${(statSync(folder).mode & 0o777).toString(8)}`, 'none', folder],
      { stdio: 'ignore' },
    );
    copy(aside, folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(aside, { recursive: true });
  }
}

export function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
}

/** `mounted`: the folder lies on a small disk of its own. */
export function fullDisk(what: string, folder: () => string, mounted: boolean): Fault {
  return new Fault(`${mounted ? 'full disk' : 'unwritable folder'} of ${what}`, holdMs, () => {
    if (!existsSync(folder())) return null;
    return mounted ? fill(join(folder(), 'ballast')) : makeUnwritable(folder());
  });
}

/** Leaves nothing free where the file lies. */
export function fill(file: string): Heal {
  const descriptor = openSync(file, 'w');
  try {
    for (;;) writeSync(descriptor, chunk);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
  } finally {
    closeSync(descriptor);
  }
  return () => rmSync(file, { force: true });
}

function makeUnwritable(folder: string): Heal {
  const mode = statSync(folder).mode & 0o7777;
  chmodSync(folder, 0o555);
  return () => chmodSync(folder, mode);
}
