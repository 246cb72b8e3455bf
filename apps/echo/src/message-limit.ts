/** The most bytes in one message, for the server and for the client. */
export const MAX_MESSAGE_BYTES = 2 ** 20;
