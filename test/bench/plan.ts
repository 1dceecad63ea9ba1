/**
 * Everything that can be measured, in this order. `lag` is the last in the shared lab: the webhooks that it sets up
 * start passes after each push.
 */
import type { Measurement } from './bench';
import { delay } from './measurements/delay';
import { fetching } from './measurements/fetching';
import { firstCopy } from './measurements/firstcopy';
import { lag } from './measurements/lag';
import { large } from './measurements/large';
import { moving } from './measurements/moving';
import { pushers } from './measurements/pushers';
import { pushes } from './measurements/pushes';
import { refs } from './measurements/refs';
import { size } from './measurements/size';
import { stack } from './measurements/stack';

export const measurements: readonly Measurement[] = [
  pushes,
  pushers,
  moving,
  fetching,
  lag,
  refs,
  size,
  large,
  delay,
  firstCopy,
  stack,
];
