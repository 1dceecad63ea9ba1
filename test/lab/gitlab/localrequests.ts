/**
 * Which addresses GitLab's own requests may not go to: those of its own network, unless an administrator allows them.
 * Pure.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';

const local = listed([
  '127.0.0.0/8',
  '0.0.0.0',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1',
  '::',
  'fe80::/10',
  'fc00::/7',
  'fec0::/10',
]);

/** Asked when a webhook is saved, and again when it is sent. Names are not looked up here. */
export function isAllowedTarget(settings: ReadonlyMap<string, unknown>, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host !== 'localhost' && !holds(local, host)) return true;
  if (settings.get('allow_local_requests_from_web_hooks_and_services') === true) return true;
  const entries = settings.get('outbound_local_requests_whitelist');
  const allowed = Array.isArray(entries) ? entries.map(String) : [];
  return allowed.includes(host) || allowed.includes(url.host) || holds(listed(allowed), host);
}

function listed(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    if (isIP(address) !== 0) list.addSubnet(address, Number(bits ?? (isIPv6(address) ? 128 : 32)), family(address));
  }
  return list;
}

function holds(list: BlockList, host: string): boolean {
  return isIP(host) !== 0 && list.check(host, family(host));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
