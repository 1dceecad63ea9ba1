/** Texts for the shell of the old server. Pure. */
import { quote } from '../../../agent/contract/shellword';

/** A path on the old server; `~/` is the login's own home there, whatever that is. */
export function remotePath(path: string): string {
  return path.startsWith('~/') ? `"$HOME"/${quote(path.slice(2))}` : quote(path);
}
