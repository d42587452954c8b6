import fc from "fast-check";

/** A mapping of which each key may be absent, or `null`. */
export function maybe<Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) {
  return some({}, shape);
}

type ValueOf<A> = A extends fc.Arbitrary<infer Value> ? Value : never;
type Shape = Record<string, fc.Arbitrary<unknown>>;

/** A mapping with these keys, and perhaps those. */
export function some<Required extends Shape, Optional extends Shape>(
  required: Required,
  optional: Optional,
): fc.Arbitrary<
  { [Key in keyof Required]: ValueOf<Required[Key]> } & {
    [Key in keyof Optional]?: ValueOf<Optional[Key]> | null;
  }
> {
  const nullable = Object.fromEntries(
    Object.entries(optional).map(([name, value]) => [name, fc.option(value, { freq: 8 })]),
  );
  return fc.record(
    { ...required, ...nullable },
    { requiredKeys: Object.keys(required), noNullPrototype: true },
  ) as never;
}

export const bool = fc.boolean();
export const count = fc.integer({ min: 1, max: 50 });

/** Anything that YAML might take for something else. */
export const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(
    ..."yes,null,~,1.10,0x1f,1e3,- a,a: b,<<,*x,&x,!tag,# c,[a,{a,%a,@a,`a`,'a,|,>".split(","),
    "",
    " a ",
    "a\nb",
    "a\n",
    "\n a\n\n",
    "a\r\nb",
    "a\tb",
    "x".repeat(200),
    "a b ".repeat(40),
    "2024-01-01",
  ),
);

/** Letters that need no quotes anywhere. */
export const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);

export const key = text.filter((name) => name !== "__proto__");

export const query = fc.constantFrom(
  "",
  "dir:a and not (b or c)",
  "a b",
  "foo in dir",
  "'quoted tag' or \"x\"",
  "relative_dir:../base",
);

export const matchList = fc.array(
  fc.constantFrom("*", "user:ann", "user:Bob", "team:sre", "role:write", "repo:admin"),
  { maxLength: 3 },
);

export const argv = fc.array(text, { minLength: 1, maxLength: 3 });

export const env = fc.dictionary(key, text, { maxKeys: 2 });
