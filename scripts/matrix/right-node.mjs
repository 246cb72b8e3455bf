/**
 * Loaded by each test file of the matrix, in the process that runs it: the only place that cannot be wrong about which
 * Node that is. It also sees what Node loads past Vite (see built-files.mjs), from Node 22.15 on, which has the hook.
 */
import * as module from 'node:module';
import { refuseSource } from './built-files.mjs';

const wanted = process.env.HEDDLE_MATRIX_NODE;
const [major] = process.versions.node.split('.');
if (major !== wanted) {
  throw new Error(`This run is for Node ${wanted}, and it is on ${process.version}`);
}

module.registerHooks?.({
  load(url, context, nextLoad) {
    refuseSource(url);
    return nextLoad(url, context);
  },
});
