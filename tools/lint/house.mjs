/**
 * House rules that no published rule says. Plain JavaScript, because oxlint loads plugins without a
 * compiler on Node 20. Each rule has a planted violation in house.test.ts.
 */

const PURE = "src/{base,core,comment,contract,ports} are functions of their arguments";

const noThrow = rule((report) => ({
  ThrowStatement: (node) => {
    const thrown = node.argument;
    if (thrown.type === "NewExpression" && isName(thrown.callee, "AssertionError")) return;
    report(node, "An expected failure is a value; a bug is assert() or unreachable() of src/base.");
  },
}));

/** `new Date(instant)` is deterministic; what reads the clock, the time zone or the locale of the machine is not. */
const MACHINE_TIME = /^(?:get|set)(?:Day|Date|Month|FullYear|Hours|Minutes|TimezoneOffset)$/;
const MACHINE_LOCALE =
  /^(?:localeCompare|toLocale(?:Upper|Lower)Case|toLocale(?:Date|Time)?String)$/;

const noAmbient = rule((report) => ({
  NewExpression: (node) => {
    if (isName(node.callee, "Date") && node.arguments.length === 0) {
      report(node, `Time is an argument (Instant): ${PURE}.`);
    }
  },
  CallExpression: (node) => {
    const { callee } = node;
    if (isName(callee, "Date") || isMember(callee, "Date", "now")) {
      report(node, `Time is an argument (Instant): ${PURE}.`);
    } else if (isMember(callee, "Math", "random")) {
      report(node, `Randomness is an argument (src/base/prng.ts): ${PURE}.`);
    } else if (
      callee.type === "MemberExpression" &&
      MACHINE_TIME.test(callee.property.name ?? "")
    ) {
      report(node, "Uses the time zone of the machine; take the UTC method.");
    } else if (
      callee.type === "MemberExpression" &&
      MACHINE_LOCALE.test(callee.property.name ?? "")
    ) {
      report(
        node,
        "Uses the locale of the machine; compare by code unit or use Intl with a fixed locale.",
      );
    }
  },
}));

const noAsync = rule((report) => {
  const check = (node) => {
    if (node.async) report(node, `Nothing waits here: ${PURE}.`);
  };
  return {
    FunctionDeclaration: check,
    FunctionExpression: check,
    ArrowFunctionExpression: check,
    AwaitExpression: (node) => report(node, `Nothing waits here: ${PURE}.`),
  };
});

const noDynamicRegexp = rule((report) => {
  const check = (node) => {
    if (isName(node.callee, "RegExp") && !isConstantText(node.arguments[0])) {
      report(node, "A pattern that is not a constant can hang V8's engine: use re2js.");
    }
  };
  return { NewExpression: check, CallExpression: check };
});

const noShell = rule((report) => ({
  ImportSpecifier: (node) => {
    const from = node.parent.source?.value;
    const name = node.imported.name;
    if (/^(?:node:)?child_process$/.test(from ?? "") && (name === "exec" || name === "execSync")) {
      report(node, "Commands are argument lists: use execFile or spawn.");
    }
  },
  Property: (node) => {
    if (isName(node.key, "shell") && node.value.type === "Literal" && node.value.value !== false) {
      report(node, "Commands are argument lists: never a shell line.");
    }
  },
}));

const noProcessEnv = rule((report) => ({
  MemberExpression: (node) => {
    if (isMember(node, "process", "env")) {
      report(node, "Only src/main reads the environment; take the value as an argument.");
    }
  },
}));

const noModuleState = rule((report) => ({
  Program: (program) => {
    for (const statement of program.body) {
      const declared =
        statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      if (declared?.type === "VariableDeclaration" && declared.kind !== "const") {
        report(declared, "No state in a module: dependencies are parameters.");
      }
    }
  },
}));

const testName = rule((report) => ({
  CallExpression: (node) => {
    const title = node.arguments[0];
    if (!isTestCall(node.callee) || title?.type !== "Literal" || typeof title.value !== "string")
      return;
    if (/^(?:should|it|works?|tests?)\b/i.test(title.value)) {
      report(title, "A test name is a rule a user could read: what holds, not that it should.");
    }
  },
}));

function rule(listeners) {
  return {
    create: (context) => listeners((node, message) => context.report({ node, message })),
  };
}

function isName(node, name) {
  return node?.type === "Identifier" && node.name === name;
}

function isMember(node, object, property) {
  return (
    node?.type === "MemberExpression" &&
    isName(node.object, object) &&
    isName(node.property, property)
  );
}

function isConstantText(node) {
  if (node === undefined) return true;
  if (node.type === "Literal") return true;
  if (node.type === "TemplateLiteral") return node.expressions.every(isConstantText);
  // `SOME_PATTERN.source` glues constants together; upper case says that it is one.
  if (node.type === "Identifier") return /^[A-Z][A-Z0-9_]*$/.test(node.name);
  if (node.type === "MemberExpression")
    return isName(node.property, "source") && isConstantText(node.object);
  return false;
}

/** `test(…)`, `it(…)`, `test.skipIf(x)(…)`, `test.each([…])(…)`. */
function isTestCall(callee) {
  if (callee.type === "CallExpression") return isTestCall(callee.callee);
  if (callee.type === "MemberExpression") return isTestCall(callee.object);
  return isName(callee, "test") || isName(callee, "it");
}

export default {
  meta: { name: "house" },
  rules: {
    "no-throw": noThrow,
    "no-ambient": noAmbient,
    "no-async": noAsync,
    "no-dynamic-regexp": noDynamicRegexp,
    "no-shell": noShell,
    "no-process-env": noProcessEnv,
    "no-module-state": noModuleState,
    "test-name": testName,
  },
};
