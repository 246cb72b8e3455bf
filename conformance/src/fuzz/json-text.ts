const MAX_COLUMNS = 100;
const INDENT = 2;

/** A plain value as JSON: what fits on a line stands on one, as Biome has it. */
export function formatJson(value: unknown): string {
  return `${format(value, { indent: 0, used: 0 })}\n`;
}

interface Place {
  readonly indent: number;
  /** Columns that are taken beside the value. */
  readonly used: number;
}

function format(value: unknown, place: Place): string {
  const flat = flatten(value);
  if (typeof value !== 'object' || value === null) return flat;
  if (place.used + flat.length <= MAX_COLUMNS) return flat;
  const indent = place.indent + INDENT;
  const list = Array.isArray(value);
  const entries: [string, unknown][] = list
    ? value.map((element) => ['', element])
    : entriesOf(value).map(([key, element]) => [`${JSON.stringify(key)}: `, element]);
  const lines = entries.map(([key, element], index) => {
    const comma = index === entries.length - 1 ? '' : ',';
    const used = indent + key.length + comma.length;
    return `${' '.repeat(indent)}${key}${format(element, { indent, used })}${comma}`;
  });
  const [open, close] = list ? '[]' : '{}';
  return [open, ...lines, ' '.repeat(place.indent) + close].join('\n');
}

function flatten(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flatten).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = entriesOf(value).map(([key, one]) => `${JSON.stringify(key)}: ${flatten(one)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** As JSON has them: without those that are `undefined`. */
function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, one]) => one !== undefined);
}
