import type { Context, Hono } from "hono";
import { enter, page, userOf, withMergeRequest } from "./enter.ts";
import type { Issue, MergeRequest, Note } from "./forge.ts";
import { emojiBody, noteBody } from "./hook-bodies.ts";
import { addNote } from "./merge-requests.ts";
import { issueShape, noteShape, userShape } from "./shapes.ts";
import type { World } from "./world.ts";

const NOTES = "/api/v4/projects/:id/merge_requests/:iid/notes";
const NOTE = `${NOTES}/:note`;
const ISSUES = "/api/v4/projects/:id/issues";
const BODY_CHARS_MAX = 1_000_000;

export function talkRoutes(world: World, app: Hono): void {
  app.get(NOTES, (c) =>
    withMergeRequest(world, c, ({ request }) => {
      const { sort = "desc", activity_filter: filter = "all_notes" } = c.req.query();
      const notes = request.notes.filter(
        ({ system }) => filter === "all_notes" || system === (filter === "only_activity"),
      );
      const sorted = sort === "asc" ? notes : notes.toReversed();
      return c.json(page(c, sorted).map((note) => noteShape(world, request, note)));
    }),
  );
  app.post(NOTES, (c) =>
    withMergeRequest(world, c, async ({ request, caller }) => {
      const { body = "" } = await c.req.json<{ body?: string }>();
      const refused = refusal(c, body);
      if (refused !== undefined) return refused;
      const note = addNote(world, request, userOf(world, caller), body);
      return c.json(noteShape(world, request, note), 201);
    }),
  );
  app.get(NOTE, (c) =>
    withNote(world, c, (request, note) => c.json(noteShape(world, request, note))),
  );
  app.put(NOTE, (c) =>
    withNote(world, c, async (request, note) => {
      const { body = "" } = await c.req.json<{ body?: string }>();
      const refused = refusal(c, body);
      if (refused !== undefined) return refused;
      note.body = body;
      note.updatedAt = world.now();
      const hook = noteBody(world, request, note, "update");
      world.deliveries.emit(world, request.project, "Note Hook", hook);
      return c.json(noteShape(world, request, note));
    }),
  );
  app.delete(NOTE, (c) =>
    withNote(world, c, (request, note) => {
      request.notes.splice(request.notes.indexOf(note), 1);
      return c.body(null, 204);
    }),
  );
  awardRoutes(world, app);
  issueRoutes(world, app);
}

/** A note with a quick action in it would be carried out: nobody here wants that. */
function refusal(c: Context, body: string): Response | undefined {
  if (body.length > BODY_CHARS_MAX) {
    return c.json({ message: { note: ["is too long (maximum is 1000000 characters)"] } }, 400);
  }
  if (/^\s*\/[a-z_]+/m.test(body)) {
    return c.json({ message: "the double does not carry out quick actions" }, 400);
  }
  return undefined;
}

async function withNote(
  world: World,
  c: Context,
  answer: (request: MergeRequest, note: Note) => Response | Promise<Response>,
): Promise<Response> {
  return await withMergeRequest(world, c, ({ request }) => {
    const note = request.notes.find(({ id }) => id === Number(c.req.param("note")));
    return note === undefined ? c.json({ message: "404 Not found" }, 404) : answer(request, note);
  });
}

function awardRoutes(world: World, app: Hono): void {
  app.get(`${NOTE}/award_emoji`, (c) =>
    withNote(world, c, (_request, note) =>
      c.json(
        page(c, note.awards).map(({ id, name, user }) => ({
          id,
          name,
          user: userShape(world, user),
          awardable_id: note.id,
          awardable_type: "Note",
        })),
      ),
    ),
  );
  app.post(`${NOTE}/award_emoji`, (c) =>
    withNote(world, c, async (request, note) => {
      const asked = enter(world, c);
      if (asked instanceof Response) return asked;
      const { name = "" } = await c.req.json<{ name?: string }>();
      const user = userOf(world, asked.caller);
      if (note.awards.some((award) => award.name === name && award.user === user)) {
        const message = "404 Award Emoji Name has already been taken Not Found";
        return c.json({ message }, 404);
      }
      const award = { id: world.nextId++, name, user };
      note.awards.push(award);
      const hook = emojiBody(world, request, user, note);
      world.deliveries.emit(world, request.project, "Emoji Hook", hook);
      return c.json({ id: award.id, name, user: userShape(world, user) }, 201);
    }),
  );
}

function issueRoutes(world: World, app: Hono): void {
  app.get(ISSUES, (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const { state = "all", author_id: author } = c.req.query();
    const found = [...asked.project.forge.issues.values()].filter(
      (issue) =>
        (state === "all" || issue.state === state) &&
        (author === undefined || String(issue.author.id) === author),
    );
    const newestFirst = found.toReversed();
    return c.json(page(c, newestFirst).map((issue) => issueShape(world, asked.project, issue)));
  });
  app.post(ISSUES, async (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const { title = "", description = "" } = await c.req.json<Partial<Issue>>();
    const { issues } = asked.project.forge;
    const issue: Issue = {
      id: world.nextId++,
      iid: issues.size + 1,
      author: userOf(world, asked.caller),
      title,
      description,
      state: "opened",
      createdAt: world.now(),
    };
    issues.set(issue.iid, issue);
    return c.json(issueShape(world, asked.project, issue), 201);
  });
  app.put(`${ISSUES}/:iid`, async (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const issue = asked.project.forge.issues.get(Number(c.req.param("iid")));
    if (issue === undefined) return c.json({ message: "404 Issue Not Found" }, 404);
    const { title, description } = await c.req.json<Partial<Issue>>();
    issue.title = title ?? issue.title;
    issue.description = description ?? issue.description;
    return c.json(issueShape(world, asked.project, issue));
  });
}
