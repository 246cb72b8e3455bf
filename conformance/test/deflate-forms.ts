/** What a client offers, in the words of `ws` and ours alike, and what must come of it. */
export interface DeflateForm {
  readonly name: string;
  readonly offer: {
    readonly serverNoContextTakeover?: true;
    readonly clientNoContextTakeover?: true;
    readonly serverMaxWindowBits?: number;
    readonly clientMaxWindowBits?: number;
  };
  /** The parameters that the answer must have, and those that it must not have. */
  readonly agreed: readonly string[];
  readonly absent: readonly string[];
}

const NO_CONTEXT_TAKEOVER = ['server_no_context_takeover', 'client_no_context_takeover'];

export const deflateForms: readonly DeflateForm[] = [
  { name: 'context takeover both ways', offer: {}, agreed: [], absent: NO_CONTEXT_TAKEOVER },
  {
    name: 'no context takeover',
    offer: { serverNoContextTakeover: true, clientNoContextTakeover: true },
    agreed: NO_CONTEXT_TAKEOVER,
    absent: [],
  },
  {
    name: 'windows of 512 bytes both ways',
    offer: { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
    agreed: ['server_max_window_bits=9', 'client_max_window_bits=9'],
    absent: NO_CONTEXT_TAKEOVER,
  },
  {
    name: 'no context takeover of the server only',
    offer: { serverNoContextTakeover: true },
    agreed: ['server_no_context_takeover'],
    absent: ['client_no_context_takeover'],
  },
];

/** The elements of an answer: `permessage-deflate` and its parameters. */
export function elementsOf(extensions: string): readonly string[] {
  return extensions.split(';').map((element) => element.trim());
}
