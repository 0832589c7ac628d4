import type { Clock } from '../../../ports/clock';

const AGAIN_AFTER_MS = 60_000;

interface Named {
  id: number;
  name: string;
}

/** Tells the admin, in Strapi's log, what goes wrong with address lists: the provider is told nothing. */
export class AddressNotices {
  /** Connections whose requests came through a proxy that Strapi does not trust. Known to this process only. */
  private readonly behindProxy = new Set<number>();
  private readonly lastRefused = new Map<number, number>();

  constructor(
    private readonly clock: Clock,
    private readonly warn: (message: string) => void
  ) {}

  isBehindUntrustedProxy(connectionId: number): boolean {
    return this.behindProxy.has(connectionId);
  }

  /** A request with forwarding headers that Strapi ignores: the address on the list would have to be the proxy's. */
  untrustedProxy(connection: Named): void {
    if (this.behindProxy.has(connection.id)) return;
    this.behindProxy.add(connection.id);
    this.warn(`[user-provisioning] "${connection.name}": ${UNTRUSTED_PROXY}`);
  }

  /** At most once a minute and token: whoever has a stolen token must not fill the log. */
  refused(connection: Named, token: Named, address: string): void {
    const now = this.clock.now();
    if (now - (this.lastRefused.get(token.id) ?? -AGAIN_AFTER_MS) < AGAIN_AFTER_MS) return;
    this.lastRefused.set(token.id, now);
    this.warn(`[user-provisioning] "${connection.name}": the token "${token.name}" was refused, because ${address} is not one of its addresses.`);
  }
}

export const UNTRUSTED_PROXY =
  'A token is limited to certain addresses, but requests come through a proxy that Strapi does not trust, so the proxy’s address is compared. Set server.proxy.koa to true in config/server if the proxy is yours.';
