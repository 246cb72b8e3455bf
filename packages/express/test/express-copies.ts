import express from 'express';
import legacyExpress from 'express4';

export type ExpressCopy = typeof express;

/** Each major version of Express that is supported. To these tests their types are one. */
export const express5: ExpressCopy = express;
export const express4: ExpressCopy = legacyExpress as object as ExpressCopy;

export const copies: readonly (readonly [name: string, copy: ExpressCopy])[] = [
  ['Express 5', express5],
  ['Express 4', express4],
];
