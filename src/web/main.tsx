import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { present } from "../base/assert.ts";
import { App } from "./app.tsx";
import { takeTokenFromAddress } from "./data/session.tsx";
import { applyTheme } from "./parts/theme.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/fields.css";
import "./styles/dialogs.css";
import "./styles/shell.css";
import "./styles/lists.css";
import "./styles/pull.css";
import "./styles/dirspaces.css";
import "./styles/conversation.css";
import "./styles/diff.css";
import "./styles/log.css";
import "./styles/markdown.css";
import "./styles/configuration.css";
import "./styles/attention.css";
import "./styles/setup.css";
import "./styles/apps.css";
import "./styles/budget.css";

applyTheme();
const token = takeTokenFromAddress();
const root = present(document.getElementById("root"), "web: index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App token={token} />
  </StrictMode>,
);
