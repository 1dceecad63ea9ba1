/** What is built with a mistake in it: the two ways to run a seed. */
export { runSeed } from '../simulation/run';
export { searchWorst } from '../simulation/searching';
