/** The oldest of everything together on old, and the newest. */
import { test } from 'node:test';
import { rowsOf, titleOf } from './rows';
import { limits, migrate } from './story';

for (const row of rowsOf.together) test(titleOf(row), limits, (t) => migrate(t, row));
