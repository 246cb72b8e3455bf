import { startLeakServer } from './leak-server.ts';

/** The server of `soak:leaks`, a process of its own. */
startLeakServer();
