/** What is said about webhooks: where the agent listens, and by which address GitLab comes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../../stacks/config';
import { mistakesIn, written } from './written';

function withWebhook(webhook: Record<string, unknown>): Record<string, unknown> {
  return written({ 'a.git': {} }, { agent: { webhook } });
}

test('a webhook is an address to listen on and one by which GitLab comes; the agent is told the first', () => {
  const plain = readConfig(withWebhook({ listen: '0.0.0.0:8443', url: 'https://hooks.example.com/old/' }));
  assert.deepEqual(plain.agent.webhook, { host: '0.0.0.0', port: 8443, tls: null, allow: [] });
  assert.deepEqual([plain.webhook?.url, plain.webhook?.verifyCertificate], ['https://hooks.example.com/old', true]);
  const allow = ['192.0.2.10', '192.0.2.0/24', '::1', '2001:db8::/32'];
  const own = readConfig(
    withWebhook({
      listen: '[::]:8443',
      url: 'https://git.example.com:8443',
      certificate: '/etc/ssl/git.pem',
      key: '/etc/ssl/git.key',
      allow,
      verifyCertificate: false,
    }),
  );
  assert.deepEqual(own.agent.webhook, {
    host: '::',
    port: 8443,
    tls: { certificate: '/etc/ssl/git.pem', key: '/etc/ssl/git.key' },
    allow,
  });
  assert.equal(own.webhook?.verifyCertificate, false);
  const none = readConfig(written());
  assert.deepEqual(['webhook' in none.agent, none.webhook], [false, null]);
});

test('mistakes in a webhook are reported together, each with the path of its setting', () => {
  assert.deepEqual(
    mistakesIn(
      withWebhook({
        listen: ':8443',
        url: 'http://git.example.com',
        certificate: '/c.pem',
        allow: ['10.0.0.0/8', 'gitlab', '10.0.0.0/33'],
        verify: true,
      }),
    ).sort(),
    [
      'git-handover:agent.webhook.allow[1]: expected an address or a range of addresses such as "192.0.2.10", "192.0.2.0/24" or "2001:db8::/32"',
      'git-handover:agent.webhook.allow[2]: expected an address or a range of addresses such as "192.0.2.10", "192.0.2.0/24" or "2001:db8::/32"',
      'git-handover:agent.webhook.key: missing (a certificate needs its key)',
      'git-handover:agent.webhook.listen: expected an address and a port such as "0.0.0.0:8443" or "[::]:8443"',
      'git-handover:agent.webhook.url: expected https://, as the agent has a certificate',
      'git-handover:agent.webhook: unknown setting "verify" (known: listen, url, certificate, key, allow, verifyCertificate, renewSecret)',
    ],
  );
  assert.deepEqual(mistakesIn(withWebhook({ key: 'k.pem' })), [
    'git-handover:agent.webhook.listen: missing (expected a text)',
    'git-handover:agent.webhook.url: missing (expected a text)',
    'git-handover:agent.webhook.key: expected an absolute path, got "k.pem"',
    'git-handover:agent.webhook.certificate: missing (a key needs its certificate)',
  ]);
});

test('what is no address to listen on, and no address of a web server, is a mistake', () => {
  const good = { listen: '127.0.0.1:80', url: 'http://h' };
  const listens = [
    '8443',
    '0.0.0.0',
    '0.0.0.0:0',
    '0.0.0.0:65536',
    '256.0.0.1:80',
    '::1:80',
    '[127.0.0.1]:80',
    'git.example.com:8443',
    '[::1]',
    ' 127.0.0.1:80',
  ];
  for (const listen of listens)
    assert.match(
      mistakesIn(withWebhook({ ...good, listen })).join(),
      /^git-handover:agent\.webhook\.listen: expected an address and a port/,
      listen,
    );
  for (const url of [
    'git.example.com',
    'ftp://h',
    'https://',
    'https://user@h',
    'https://h/?a',
    'https://h/#a',
    'https://h:x',
    'https://h/a b',
  ])
    assert.match(
      mistakesIn(withWebhook({ ...good, url })).join(),
      /^git-handover:agent\.webhook\.url: expected the address by which GitLab/,
      url,
    );
  assert.deepEqual(mistakesIn(withWebhook(good)), []);
});
