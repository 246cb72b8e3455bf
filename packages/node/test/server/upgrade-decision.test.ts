import { createServer, IncomingMessage, type Server } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { decideUpgrades } from '../../src/server/upgrade-decision.ts';

const key = 'shouldUpgradeCallback';
const request = new IncomingMessage(new Socket());

function decision(server: Server): unknown {
  const decide: unknown = Reflect.get(server, key);
  return typeof decide === 'function' ? decide.call(server, request) : undefined;
}

function serverThat(upgrades: boolean): Server {
  const server = createServer();
  Reflect.set(server, key, () => upgrades);
  return server;
}

describe("a server's decision to upgrade", () => {
  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('asks who decided before (%s) and us (%s): %s', (before, ours, both) => {
    const server = serverThat(before);
    decideUpgrades(server, () => ours);
    expect(decision(server)).toBe(both);
  });

  it('is what it was once taken back', () => {
    const server = serverThat(true);
    const previous: unknown = Reflect.get(server, key);
    decideUpgrades(server, () => false)();
    expect(Reflect.get(server, key)).toBe(previous);
  });

  it('leaves in place who decided after us, and gives way to it', () => {
    const server = serverThat(true);
    const takeBack = decideUpgrades(server, () => false);
    const ours = Reflect.get(server, key) as (request: IncomingMessage) => boolean;
    const later = (asked: IncomingMessage): boolean => ours(asked);
    Reflect.set(server, key, later);
    takeBack();
    expect(Reflect.get(server, key)).toBe(later);
    expect(decision(server)).toBe(true);
  });

  it('does nothing where Node has no such decision', () => {
    const server = createServer();
    Reflect.deleteProperty(server, key);
    decideUpgrades(server, () => false)();
    expect(Reflect.get(server, key)).toBeUndefined();
  });
});
