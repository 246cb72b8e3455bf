/** `npm test`: everything, counted. Start it through with-tools.mjs. */
import { runSteps } from './run-steps.mjs';
import { steps } from './steps.mjs';

await runSteps(steps);
