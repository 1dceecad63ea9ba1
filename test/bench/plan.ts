/** Everything that can be measured. */
import type { Measurement } from './bench';
import { delay } from './measurements/delay';
import { fetching } from './measurements/fetching';
import { pushes } from './measurements/pushes';
import { refs } from './measurements/refs';

export const measurements: readonly Measurement[] = [pushes, fetching, refs, delay];
