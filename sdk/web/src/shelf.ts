// Where the queue is kept: IndexedDB, else localStorage, else nowhere.

import type { Entry, Shelf, Store } from './world';

const PREFIX = 'siyu.queue.';
export const DATABASE = 'siyu';
const TABLE = 'queue';

/** Some browsers never answer the opening of a database. */
export const OPEN_MILLIS_MAX = 2_000;

/** IndexedDB, or a rejection. */
export function databaseShelf(factory: IDBFactory): Promise<Shelf> {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const opening = factory.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = opening.onblocked = () => reject(opening.error);
  }).then((database) => {
    // A page of a later version may want to change it: do not stand in its way.
    database.onversionchange = () => database.close();
    const run = <T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        const transaction = database.transaction(TABLE, mode);
        const result = work(transaction.objectStore(TABLE));
        transaction.oncomplete = () => resolve(result());
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    return {
      all: () =>
        run('readonly', (table) => {
          const [keys, texts] = [table.getAllKeys(), table.getAll()];
          return () => keys.result.map((key, index) => ({ key: String(key), text: texts.result[index] as string }));
        }),
      put: (entries) =>
        run('readwrite', (table) => {
          entries.forEach((entry) => table.put(entry.text, entry.key));
          return () => undefined;
        }),
      remove: (keys) =>
        run('readwrite', (table) => {
          keys.forEach((key) => table.delete(key));
          return () => undefined;
        }),
    };
  });
}

/** The same in localStorage: an entry each, so that two tabs cannot overwrite each other. */
export function storeShelf(store: Store): Shelf & { putNow(entry: Entry): boolean } {
  const putNow = (entry: Entry): boolean => store.set(PREFIX + entry.key, entry.text);
  return {
    putNow,
    all: async () =>
      store
        .keys()
        .filter((key) => key.startsWith(PREFIX))
        .map((key) => ({ key: key.slice(PREFIX.length), text: store.get(key) ?? '' })),
    put: async (entries) => {
      if (!entries.map(putNow).every(Boolean)) throw new Error('the storage is full or forbidden');
    },
    remove: async (keys) => keys.forEach((key) => store.remove(PREFIX + key)),
  };
}
