/** What is built with a mistake in it: the three ways to run a seed. */
export { runSeed } from '../simulation/run';
export { searchCrossings } from '../simulation/crossings';
export { searchWorst } from '../simulation/searching';
