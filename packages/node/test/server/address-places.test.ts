import { describe, expect, it } from 'vitest';
import { AddressPlaces } from '../../src/server/address-places.ts';

describe('The places of a client', () => {
  it('are as many as the limit says, for each client', () => {
    const places = new AddressPlaces(2);
    const leave = places.take('192.0.2.1');
    expect(places.take('::ffff:192.0.2.1')).toBeTypeOf('function');
    expect(places.take('192.0.2.1')).toBeUndefined();
    expect(places.take('192.0.2.2')).toBeTypeOf('function');
    leave?.();
    expect(places.take('192.0.2.1')).toBeTypeOf('function');
    expect(places.take('192.0.2.1')).toBeUndefined();
  });

  it('are given back once, however often that is said', () => {
    const places = new AddressPlaces(2);
    const leave = places.take('192.0.2.1');
    places.take('192.0.2.1');
    leave?.();
    leave?.();
    expect(places.take('192.0.2.1')).toBeTypeOf('function');
    expect(places.take('192.0.2.1')).toBeUndefined();
  });

  it('are those of a network of IPv6', () => {
    const places = new AddressPlaces(1);
    expect(places.take('2001:db8::1')).toBeTypeOf('function');
    expect(places.take('2001:db8::ffff:2')).toBeUndefined();
    expect(places.take('2001:db8:0:1::1')).toBeTypeOf('function');
  });

  it('are not counted for who has no address, or where there is no limit', () => {
    const places = new AddressPlaces(1);
    for (let taken = 0; taken < 3; taken++) expect(places.take(undefined)).toBeTypeOf('function');
    const endless = new AddressPlaces(Number.POSITIVE_INFINITY);
    for (let taken = 0; taken < 3; taken++) expect(endless.take('::1')).toBeTypeOf('function');
  });
});
