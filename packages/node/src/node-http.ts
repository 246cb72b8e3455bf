/**
 * `node:http`, without what an import of it loads: a namespace holds the value of every export, and from Node 22
 * on three of them are getters that load Node's own WebSocket client, with 2.8 MB of heap for the garbage
 * collector to mark. Types may be imported.
 */
export const http = process.getBuiltinModule('node:http');
