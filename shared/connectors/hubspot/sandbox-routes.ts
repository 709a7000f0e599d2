import { Hono } from 'hono';
import {
  accountDetails,
  createProperty,
  getProperty,
  issueToken,
  listProperties,
} from './sandbox-account.ts';
import {
  archiveAssociations,
  archiveLabels,
  createAssociations,
  createDefaults,
  readAssociations,
} from './sandbox-association-batch.ts';
import {
  createLabel,
  deleteAssociation,
  listAssociations,
  listLabels,
  putAssociation,
  putDefault,
} from './sandbox-association-single.ts';
import { batchArchive, batchRead, batchWrite } from './sandbox-batch.ts';
import { Doors } from './sandbox-doors.ts';
import { eraseContact, mergeObjects } from './sandbox-lifecycle.ts';
import { addConsent, addMarketing } from './sandbox-marketing-paths.ts';
import { json, Refusal } from './sandbox-replies.ts';
import { searchObjects } from './sandbox-search.ts';
import { createObject, deleteObject, getObject, listObjects, patchObject } from './sandbox-single.ts';
import type { ObjectStore } from './sandbox-store.ts';
import { addWebhookSettings } from './sandbox-webhook-routes.ts';
import type { World } from './sandbox-world.ts';

const DATES = ['2026-03', '2026-09'] as const;

/** The whole API: v3 (v4 for associations) and the dated paths on one store. */
export function appFor(world: World): Hono {
  const app = new Hono();
  const doors = new Doors(app, world);
  for (const version of ['v1', 'v3', ...DATES])
    app.post(`/oauth/${version}/token`, (context) => issueToken(world, context));
  doors.read('get', '/account-info/:version{v3|2026-03|2026-09}/details', 'account.details', () =>
    accountDetails(world),
  );
  for (const store of [world.contacts, world.companies])
    for (const type of [store.kind.plural, store.kind.typeId]) {
      addObjects(doors, store, `/crm/v3/objects/${type}`);
      addProperties(doors, store, `/crm/v3/properties/${type}`);
      for (const date of DATES) {
        addObjects(doors, store, `/crm/objects/${date}/${type}`);
        addProperties(doors, store, `/crm/properties/${date}/${type}`);
      }
    }
  addAssociations(doors, { objects: '/crm/v4/objects', associations: '/crm/v4/associations' });
  for (const date of DATES)
    addAssociations(doors, { objects: `/crm/objects/${date}`, associations: `/crm/associations/${date}` });
  for (const version of ['v3', 'v4', ...DATES]) addConsent(doors, `/communication-preferences/${version}`);
  addMarketing(doors, '/marketing/v3/marketing-events');
  for (const date of DATES) addMarketing(doors, `/marketing/marketing-events/${date}`);
  for (const base of ['/webhooks/v3', '/webhooks/2026-03', '/app-webhooks/2026-09'])
    addWebhookSettings(app, world, `${base}/:appId`);
  // What HubSpot does not know it answers without its own error body.
  app.notFound(() => new Response('Not Found', { status: 404 }));
  app.onError((error) => {
    if (error instanceof Refusal) return json(error.body, error.status);
    throw error;
  });
  return app;
}

function addObjects(doors: Doors, store: ObjectStore, base: string): void {
  const { world } = doors;
  const name = store.kind.plural;
  doors.read('post', `${base}/batch/read`, `${name}.read`, (context) => batchRead(store, context));
  for (const kind of ['create', 'update', 'upsert'] as const)
    doors.write('post', `${base}/batch/${kind}`, `${name}.${kind}`, (context) =>
      batchWrite(world, store, kind, context),
    );
  doors.write('post', `${base}/batch/archive`, `${name}.archive`, (context) =>
    batchArchive(world, store, context),
  );
  doors.read('post', `${base}/search`, `${name}.search`, (context) => searchObjects(store, context));
  doors.write('post', `${base}/merge`, `${name}.merge`, (context) => mergeObjects(world, store, context));
  if (name === 'contacts')
    doors.write('post', `${base}/gdpr-delete`, `${name}.gdpr-delete`, (context) =>
      eraseContact(world, context),
    );
  doors.read('get', base, `${name}.list`, (context) => listObjects(store, context));
  doors.write('post', base, `${name}.create-one`, (context) => createObject(world, store, context));
  doors.read('get', `${base}/:id`, `${name}.get`, (context) => getObject(store, context));
  doors.write('patch', `${base}/:id`, `${name}.update-one`, (context) => patchObject(world, store, context));
  doors.write('delete', `${base}/:id`, `${name}.archive-one`, (context) =>
    deleteObject(world, store, context),
  );
}

function addProperties(doors: Doors, store: ObjectStore, base: string): void {
  const { world } = doors;
  doors.read('get', base, 'properties.list', () => listProperties(store));
  doors.read('get', `${base}/:name`, 'properties.get', (context) => getProperty(store, context));
  doors.write('post', base, 'properties.create', (context) => createProperty(world, store, context));
}

function addAssociations(doors: Doors, base: { objects: string; associations: string }): void {
  const { world } = doors;
  const pair = `${base.associations}/:from/:to`;
  const one = `${base.objects}/:from/:id/associations/:to`;
  doors.read('post', `${pair}/batch/read`, 'associations.read', (context) =>
    readAssociations(world, context),
  );
  doors.write('post', `${pair}/batch/create`, 'associations.create', (context) =>
    createAssociations(world, context),
  );
  doors.write('post', `${pair}/batch/associate/default`, 'associations.create-default', (context) =>
    createDefaults(world, context),
  );
  doors.write('post', `${pair}/batch/archive`, 'associations.archive', (context) =>
    archiveAssociations(world, context),
  );
  doors.write('post', `${pair}/batch/labels/archive`, 'associations.archive-labels', (context) =>
    archiveLabels(world, context),
  );
  doors.read('get', `${pair}/labels`, 'associations.labels', (context) => listLabels(world, context));
  doors.write('post', `${pair}/labels`, 'associations.create-label', (context) =>
    createLabel(world, context),
  );
  doors.write(
    'put',
    `${base.objects}/:from/:id/associations/default/:to/:toId`,
    'associations.put-default',
    (context) => putDefault(world, context),
  );
  doors.write('put', `${one}/:toId`, 'associations.put', (context) => putAssociation(world, context));
  doors.write('delete', `${one}/:toId`, 'associations.delete', (context) =>
    deleteAssociation(world, context),
  );
  doors.read('get', one, 'associations.list', (context) => listAssociations(world, context));
}
