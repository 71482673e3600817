/**
 * breakStorage(how): the browser's storage as public reports describe it; installed before a page's
 * scripts. What is broken stays so until it is mended or the page is loaded again.
 */
const whole = [
  [IDBDatabase.prototype, "transaction"],
  [IDBFactory.prototype, "open"],
  [IDBObjectStore.prototype, "put"],
  [Storage.prototype, "setItem"],
].map(([owner, name]) => [owner, name, owner[name]]);
window.mendStorage = () => {
  for (const [owner, name, works] of whole) owner[name] = works;
};
window.breakStorage = (how) => {
  const fails = (name) => () => {
    throw new DOMException("storage", name);
  };
  if (how === "throws") {
    IDBDatabase.prototype.transaction = fails("UnknownError");
    IDBFactory.prototype.open = fails("UnknownError");
  }
  if (how === "hangs") {
    const silent = () => ({});
    const table = { get: silent, put: silent, delete: silent, getAllKeys: silent };
    IDBDatabase.prototype.transaction = () => ({ objectStore: () => table });
    IDBFactory.prototype.open = silent;
  }
  if (how === "full") {
    IDBObjectStore.prototype.put = fails("QuotaExceededError");
    Storage.prototype.setItem = fails("QuotaExceededError");
  }
  if (how === "blocked") {
    IDBDatabase.prototype.transaction = fails("SecurityError");
    IDBFactory.prototype.open = fails("SecurityError");
    for (const name of ["sessionStorage", "localStorage"]) {
      Object.defineProperty(window, name, { get: fails("SecurityError") });
    }
  }
  if (how === "forgets") {
    localStorage.clear();
    return new Promise((done) => {
      indexedDB.open("phieukin").onsuccess = (event) => {
        const transaction = event.target.result.transaction("voters", "readwrite");
        transaction.objectStore("voters").clear();
        transaction.oncomplete = () => done(null);
      };
    });
  }
  return null;
};

/** Breaks it at the moment when the box has answered that it has the ballot. */
window.breakStorageOnceSent = (how) => {
  const send = window.fetch;
  window.fetch = async (...call) => {
    const answer = await send(...call);
    if (answer.ok && String(call[0]).endsWith("/ballots")) window.breakStorage(how);
    return answer;
  };
};
