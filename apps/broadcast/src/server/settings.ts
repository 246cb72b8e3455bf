import { tmpdir } from 'node:os';
import { type Bounds, defaultBounds } from './bounds.ts';

/** All settings of the program, from the environment. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** A folder on the disk that holds the files while they are on their way. */
  readonly spoolFolder: string;
  readonly bounds: Bounds;
}

/** Reads the settings. Throws an `Error` with a sentence for people if one is not what it should be. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const number = (name: string, preset: number): number => {
    const value = Number(env[name] ?? preset);
    if (Number.isSafeInteger(value) && value > 0) return value;
    throw new Error(`${name} is "${env[name]}", and should be a whole number above 0.`);
  };
  return {
    port: portOf(env['PORT'] ?? '3000'),
    host: env['HOST'] ?? '127.0.0.1',
    spoolFolder: env['SPOOL_DIR'] ?? tmpdir(),
    bounds: {
      ...defaultBounds,
      maxFileBytes: number('MAX_FILE_BYTES', defaultBounds.maxFileBytes),
      maxSpoolBytes: number('MAX_SPOOL_BYTES', defaultBounds.maxSpoolBytes),
      maxPeople: number('MAX_PEOPLE', defaultBounds.maxPeople),
    },
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT is "${text}", and should be a number from 0 to 65535.`);
}
