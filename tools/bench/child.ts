import { type ChildProcess, fork } from "node:child_process";

/** A child that does not answer for this long is stuck. */
const ANSWER_MS_MAX = 120_000;

export interface Child {
  /** Has the child work on the input and gives what it answers. */
  run(input: object): Promise<unknown>;
  stop(): void;
}

/** A role of this program in a process of its own, so that memory and processor time are its own. */
export function startChild(role: string): Child {
  const [, program = ""] = process.argv;
  const child = fork(program, ["--role", role], { execArgv: process.execArgv });
  return {
    run: (input) => ask(child, role, input),
    stop: () => void child.kill(),
  };
}

function ask(child: ChildProcess, role: string, input: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const stuck = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS_MAX);
    const ended = (code: number | null) => {
      clearTimeout(stuck);
      reject(new Error(`the child for ${role} ended with ${String(code)}`));
    };
    child.once("exit", ended);
    child.once("message", (answer) => {
      clearTimeout(stuck);
      child.off("exit", ended);
      resolve(answer);
    });
    child.send(input);
  });
}

/** The child's side: answers one input after the other, until the parent goes away. */
export function answerParent(work: (input: unknown) => Promise<object>): void {
  process.on("message", (input) => {
    void work(input).then(
      (answer) => process.send?.(answer),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.on("disconnect", () => process.exit(0));
}
