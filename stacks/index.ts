/** What Pulumi runs: it calls the function, and its answer becomes the stack's outputs. */
import { main } from './stack';

export = main;
