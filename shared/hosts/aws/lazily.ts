/** Made at the first call and kept; one that failed is made again, so that a warm function does not stay broken. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
