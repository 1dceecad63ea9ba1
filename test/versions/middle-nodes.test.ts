/** Node 20 and 22 on old, with the git and OpenSSH of Debian 12. */
import { test } from 'node:test';
import { rowsOf, titleOf } from './rows';
import { limits, migrate } from './story';

for (const row of rowsOf.middleNodes) test(titleOf(row), limits, (t) => migrate(t, row));
