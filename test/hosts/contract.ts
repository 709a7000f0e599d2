import { afterEach, beforeEach, describe } from 'vitest';
import { deadLettersContract } from './contract/dead-letters.ts';
import { documentsContract, secretsContract } from './contract/documents.ts';
import type { Host, HostTraits, OpenHost } from './contract/host.ts';
import { linkIndexContract } from './contract/link-index.ts';
import { linksContract } from './contract/links.ts';
import { queueContract } from './contract/queue.ts';
import { linksAgainstModel } from './contract/random-links.ts';
import { queueAgainstModel } from './contract/random-queue.ts';
import { restartContract } from './contract/restart.ts';

/**
 * What every host promises of its storage, whatever it is made of. A fresh, empty host is opened for each
 * test. Queues are needed for `CONTRACT_FLOWS` only; links and documents use names of their own.
 */
export function describePorts(
  name: string,
  open: () => Promise<OpenHost>,
  traits: HostTraits = { movableClock: true },
): void {
  describe(`${name} keeps the contract of`, () => {
    let opened: OpenHost;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await opened.close();
    });
    const host: Host = { open: () => opened, traits };
    describe('links', () => linksContract(host));
    describe('the indexes of links', () => linkIndexContract(host));
    describe('links, under random operations', () => linksAgainstModel(host));
    describe('the queue', () => queueContract(host));
    describe('the queue, under random operations', () => queueAgainstModel(host));
    describe('dead letters', () => deadLettersContract(host));
    describe('documents', () => documentsContract(host));
    describe('secrets', () => secretsContract(host));
    describe('durability', () => restartContract(host));
  });
}
