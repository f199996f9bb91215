// What the packages of Bluesky's own network expect of Node 22, for Node 20; loaded before them.
// Nothing here is used by the servers' answers: it lets their dependencies be imported.
'use strict'

const zlib = require('node:zlib')
const worker = require('node:worker_threads')

for (const name of ['createZstdCompress', 'createZstdDecompress', 'zstdCompressSync']) {
  zlib[name] ??= () => {
    throw new Error(`${name}: this Node has no zstd`)
  }
}
worker.markAsUncloneable ??= () => {}

Promise.withResolvers ??= function () {
  const made = {}
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}

const setMethods = {
  union: (one, other) => new Set([...one, ...other.keys()]),
  intersection: (one, other) => new Set([...one].filter((value) => other.has(value))),
  difference: (one, other) => new Set([...one].filter((value) => !other.has(value))),
  isSubsetOf: (one, other) => [...one].every((value) => other.has(value)),
  isSupersetOf: (one, other) => [...other.keys()].every((value) => one.has(value)),
  isDisjointFrom: (one, other) => ![...one].some((value) => other.has(value)),
}
for (const [name, method] of Object.entries(setMethods)) {
  Set.prototype[name] ??= function (other) {
    return method(this, other)
  }
}

const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))
const iteratorMethods = {
  *map(change) {
    let index = 0
    for (const value of this) yield change(value, index++)
  },
  *filter(test) {
    let index = 0
    for (const value of this) if (test(value, index++)) yield value
  },
  *take(limit) {
    if (limit <= 0) return
    for (const value of this) {
      yield value
      if (--limit <= 0) return
    }
  },
  *drop(limit) {
    for (const value of this) if (limit-- <= 0) yield value
  },
  *flatMap(change) {
    let index = 0
    for (const value of this) yield* change(value, index++)
  },
  toArray() {
    return [...this]
  },
  forEach(act) {
    let index = 0
    for (const value of this) act(value, index++)
  },
  some(test) {
    for (const value of this) if (test(value)) return true
    return false
  },
  every(test) {
    for (const value of this) if (!test(value)) return false
    return true
  },
  find(test) {
    for (const value of this) if (test(value)) return value
    return undefined
  },
  reduce(join, ...start) {
    return [...this].reduce(join, ...start)
  },
}
for (const [name, method] of Object.entries(iteratorMethods)) iterator[name] ??= method
Object.groupBy ??= (values, key) => {
  const groups = {}
  for (const value of values) (groups[key(value)] ??= []).push(value)
  return groups
}
