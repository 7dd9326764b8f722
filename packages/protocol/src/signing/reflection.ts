/**
 * The X.509 library's dependency container asks for three functions of the metadata reflection proposal. They are
 * given here, kept to what it calls, unless the program has a full implementation already. Import this before it.
 */
type Metadata = Map<unknown, Map<unknown, unknown>>;

interface ReflectionFunctions {
  defineMetadata(key: unknown, value: unknown, target: object): void;
  getOwnMetadata(key: unknown, target: object): unknown;
  getMetadata(key: unknown, target: object): unknown;
}

const known: WeakMap<object, Metadata> = new WeakMap();

const functions: ReflectionFunctions = {
  defineMetadata(key, value, target) {
    const metadata = known.get(target) ?? new Map();
    known.set(target, metadata.set(key, value));
  },
  getOwnMetadata(key, target) {
    return known.get(target)?.get(key);
  },
  getMetadata(key, target) {
    for (let object: object | null = target; object !== null; object = Object.getPrototypeOf(object)) {
      const metadata = known.get(object);
      if (metadata?.has(key)) return metadata.get(key);
    }
    return undefined;
  },
};

for (const [name, value] of Object.entries(functions)) {
  if (!(name in Reflect)) Object.defineProperty(Reflect, name, { value, configurable: true, writable: true });
}
