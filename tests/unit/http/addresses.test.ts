import fc from 'fast-check';
import { addressRule, parseRange, sourceOf } from '../../../server/src/http/scim/access/addresses';

describe('address lists', () => {
  it.each([
    [['203.0.113.7'], '203.0.113.7', true],
    [['203.0.113.7'], '203.0.113.8', false],
    [['203.0.113.0/24'], '203.0.113.255', true],
    [['203.0.113.0/24'], '203.0.114.0', false],
    [['203.0.113.7/24'], '203.0.113.200', true],
    [['203.0.113.0/24'], '::ffff:203.0.113.9', true],
    [['203.0.113.0/24'], '::FFFF:203.0.113.9', true],
    [['203.0.113.0/24'], '::ffff:cb00:7109', true],
    [['::ffff:203.0.113.0/120'], '203.0.113.9', true],
    [['::ffff:203.0.113.0/120'], '203.0.114.9', false],
    [['2001:db8::/32'], '2001:db8:ffff::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fe80::1'], 'fe80::1%eth0', true],
    [['10.0.0.0/8', '2001:db8::1'], '2001:0db8:0:0:0:0:0:1', true],
    [['10.0.0.0/8'], '', false],
    [['10.0.0.0/8'], 'unknown', false],
    [['0.0.0.0/0'], '198.51.100.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [[], 'unknown', true],
  ])('%j and %s: %s', (allowed, address, expected) => {
    expect(addressRule(allowed)(address)).toBe(expected);
  });

  it.each(['', 'localhost', '203.0.113', '203.0.113.256', '203.0.113.0/33', '203.0.113.0/', '203.0.113.0/-1', '10.0.0.0/8/8', '2001:db8::/129', 'fe80::1%eth0', '::ffff:10.0.0.0/95', '010.0.0.1'])(
    '%j is no address',
    (text) => {
      expect(parseRange(text)).toBeNull();
    }
  );

  it('compares IPv4 ranges as the arithmetic does', () => {
    const ipv4 = fc.nat(0xffffffff);
    const text = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    fc.assert(
      fc.property(ipv4, ipv4, fc.integer({ min: 1, max: 32 }), (network, address, prefix) => {
        const expected = network >>> (32 - prefix) === address >>> (32 - prefix);
        expect(addressRule([`${text(network)}/${prefix}`])(text(address))).toBe(expected);
      })
    );
  });
});

describe('sourceOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});
