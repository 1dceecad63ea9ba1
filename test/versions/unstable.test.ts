/** git and OpenSSH of Debian's next release, with Node 24 on old. */
import { test } from 'node:test';
import { rowsOf, titleOf } from './rows';
import { limits, migrate } from './story';

for (const row of rowsOf.unstable) test(titleOf(row), limits, (t) => migrate(t, row));
