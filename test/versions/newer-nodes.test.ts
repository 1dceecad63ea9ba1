/** Node 24 and 26 on old, with the git and OpenSSH of Debian 12. */
import { test } from 'node:test';
import { rowsOf, titleOf } from './rows';
import { limits, migrate } from './story';

for (const row of rowsOf.newerNodes) test(titleOf(row), limits, (t) => migrate(t, row));
