/**
 * Takes away what browsers of the declared age lack (build.target in bot/miniapp/vite.config.ts):
 * newer than Chrome 94, Safari 15.4 or Firefox 100 by MDN's browser-compat-data 8.1.9. A name is a
 * global, a member of one, or of the prototype of one. Runs before a page's scripts, and at the head
 * of a worker's.
 */
(() => {
  const newer = `
    AbortSignal.any AbortSignal.reason AbortSignal.timeout Array.findLast Array.findLastIndex
    Array.fromAsync Array.toReversed Array.toSorted Array.toSpliced Array.with ArrayBuffer.detached
    ArrayBuffer.maxByteLength ArrayBuffer.resizable ArrayBuffer.resize ArrayBuffer.transfer
    ArrayBuffer.transferToFixedLength AsyncDisposableStack Atomics.pause Atomics.waitAsync Blob.bytes
    DataView.getFloat16 DataView.setFloat16 Date.toTemporalInstant DisposableStack Error.isError
    Float16Array IDBTransaction.durability Intl.DurationFormat Intl.NumberFormat.formatRange
    Intl.Segmenter Intl.supportedValuesOf Iterator.concat Iterator.drop Iterator.every Iterator.filter
    Iterator.find Iterator.flatMap Iterator.forEach Iterator.from Iterator.includes Iterator.join
    Iterator.map Iterator.reduce Iterator.some Iterator.take Iterator.toArray Iterator.zip
    Iterator.zipKeyed JSON.isRawJSON JSON.rawJSON Map.getOrInsert Map.getOrInsertComputed Map.groupBy
    Math.f16round Math.sumPrecise Navigator.userActivation Object.groupBy Promise.try
    Promise.withResolvers RegExp.escape RegExp.unicodeSets Request.bytes Response.bytes Set.difference
    Set.intersection Set.isDisjointFrom Set.isSubsetOf Set.isSupersetOf Set.symmetricDifference
    Set.union SharedArrayBuffer.grow SharedArrayBuffer.growable String.isWellFormed
    String.toWellFormed SuppressedError Symbol.asyncDispose Symbol.dispose Temporal URL.canParse
    URL.parse Uint8Array.findLast Uint8Array.fromBase64 Uint8Array.fromHex Uint8Array.setFromBase64
    Uint8Array.setFromHex Uint8Array.toBase64 Uint8Array.toHex Uint8Array.toReversed
    Uint8Array.toSorted Uint8Array.with WeakMap.getOrInsert WeakMap.getOrInsertComputed navigation
    reportError requestIdleCallback scheduler structuredClone
  `;
  for (const name of newer.trim().split(/\s+/)) {
    const path = name.split(".");
    const last = path.pop();
    const owner = path.reduce((holder, part) => holder?.[part], globalThis);
    const places = [owner, owner?.prototype];
    if (owner === Uint8Array) places.push(Object.getPrototypeOf(Uint8Array).prototype);
    for (const place of places) if (place) delete place[last];
  }
})();
