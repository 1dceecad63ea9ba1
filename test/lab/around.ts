/** What all tests of a file share. */
import { after, before } from 'node:test';

/**
 * As `before` and `after`: `open` answers what closes it. Where none of a file's tests is asked for, node:test runs the
 * one without waiting for the other: what opens late would keep the process for ever.
 */
export function aroundTests(open: () => Promise<() => Promise<void>>): void {
  let opening: Promise<() => Promise<void>> | null = null;
  before(async () => void (await (opening = open())));
  after(async () => (await opening)?.());
}
