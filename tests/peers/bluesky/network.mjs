// Bluesky's own servers on loopback, with a few made-up accounts in them.
//
// Reads one JSON object from the environment, NAMAAK_PEER: {node, plc, pds, bsky, db, picture}: the
// folder of the packages, ports, the address of a PostgreSQL, and a PNG in base64. Says where they are as one line of JSON,
// then does what lines on standard input ask: {"do": "account" | "rename" | "takedown" |
// ..., and what that needs}, each answered by one line. Ends with its input.
import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'

const given = JSON.parse(process.env.NAMAAK_PEER)
const require = createRequire(path.join(given.node, 'package.json'))
const load = (name) => import(pathToFileURL(require.resolve(name)).href)
const from = async (owner, name) => {
  const inside = createRequire(require.resolve(owner))
  return import(pathToFileURL(inside.resolve(name)).href)
}

const said = process.stdout.write.bind(process.stdout)
// Loggers of the servers write to standard output, which is ours to answer on.
process.stdout.write = process.stderr.write.bind(process.stderr)
const say = (answer) => said(JSON.stringify(answer) + '\n')

// The directory of the development network keeps its operations in memory and exports none of
// them: give it the database that the real one has.
const plc = await from('@atproto/dev-env', '@did-plc/server')
const Database = plc.Database ?? plc.default.Database
const directory = Database.postgres({ url: given.db, schema: 'plc' })
await directory.migrateToLatestOrThrow()
Database.mock = () => directory

const { TestNetwork } = await load('@atproto/dev-env')
const network = await TestNetwork.create({
  dbPostgresUrl: given.db,
  dbPostgresSchema: 'peer',
  pds: { port: given.pds },
  bsky: { port: given.bsky },
  plc: { port: given.plc },
})
const seeds = network.getSeedClient()
const agent = network.pds.getAgent()

const picture = Buffer.from(given.picture, 'base64')

async function account(name, profile = {}) {
  await seeds.createAccount(name, {
    handle: `${name}.test`,
    email: `${name}@waldermond.example`,
    password: 'not-a-secret',
  })
  const did = seeds.dids[name]
  await write(did, profile)
  return did
}

async function write(did, { avatar, ...profile }) {
  const headers = seeds.getHeaders(did)
  const record = { $type: 'app.bsky.actor.profile', createdAt: '2026-11-02T09:00:00.000Z', ...profile }
  if (avatar) {
    const sent = await agent.api.com.atproto.repo.uploadBlob(picture, {
      headers, encoding: 'image/png',
    })
    record.avatar = sent.data.blob
  }
  await agent.api.com.atproto.repo.putRecord(
    { repo: did, collection: 'app.bsky.actor.profile', rkey: 'self', record },
    { headers, encoding: 'application/json' },
  )
}

async function admin(method, body) {
  const answer = await fetch(`${network.pds.url}/xrpc/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await network.pds.adminAuthHeaders()) },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method}: ${answer.status} ${await answer.text()}`)
}

const deeds = {
  account: async ({ name, profile }) => ({ did: await account(name, profile) }),
  profile: async ({ did, profile }) => write(did, profile),
  rename: async ({ did, handle }) => {
      await agent.api.com.atproto.identity.updateHandle(
      { handle }, { headers: seeds.getHeaders(did), encoding: 'application/json' },
    )
  },
  takedown: async ({ did }) => {
    await admin('com.atproto.admin.updateSubjectStatus', {
      subject: { $type: 'com.atproto.admin.defs#repoRef', did },
      takedown: { applied: true, ref: 'peer' },
    })
    await network.bsky.ctx.dataplane.takedownActor({ did, ref: 'peer' })
  },
  deactivate: async ({ did }) => {
      await agent.api.com.atproto.server.deactivateAccount(
      {}, { headers: seeds.getHeaders(did), encoding: 'application/json' },
    )
  },
  remove: async ({ did }) =>
    admin('com.atproto.admin.deleteAccount', { did }),
  label: async ({ did, val }) => {
    const src = network.ozone.ctx.cfg.service.did
    await network.bsky.db.db
      .insertInto('label')
      .values({ src, uri: did, cid: '', val, neg: false, cts: new Date().toISOString() })
      .execute()
    return { src }
  },
  settle: async () => network.processAll(20_000),
}

say({ plc: network.plc.url, pds: network.pds.url, bsky: network.bsky.url })
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { do: deed, ...what } = JSON.parse(line)
  try {
    say({ done: (await deeds[deed](what)) ?? true })
  } catch (error) {
    say({ failed: String(error?.stack ?? error) })
  }
}
await network.close().catch((error) => console.error(error))
process.exit(0)
