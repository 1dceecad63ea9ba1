/** git and OpenSSH of Debian 11 and 13, with Node 24 on old. */
import { test } from 'node:test';
import { rowsOf, titleOf } from './rows';
import { limits, migrate } from './story';

for (const row of rowsOf.releases) test(titleOf(row), limits, (t) => migrate(t, row));
