/** fast-check for all tests: one seed for what `fc.assert` draws, which `GIT_HANDOVER_PROPERTIES_SEED` changes. */
import fc from 'fast-check';
import { seedOf } from './seeds';

fc.configureGlobal({ seed: seedOf('GIT_HANDOVER_PROPERTIES_SEED', 1) });

export { fc };
