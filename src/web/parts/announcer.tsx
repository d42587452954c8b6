import {
  createContext,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
} from "react";

const SHOWN_MS = 5_000;

type Say = (text: string) => void;
const SayContext = createContext<Say>(() => undefined);

/** One live region for the whole page: what it shows for a moment is also what a screen reader says. */
export function Announcer(props: { readonly children: ReactNode }): ReactElement {
  const [said, setSaid] = useState({ text: "", n: 0 });
  const say = useCallback<Say>((text) => setSaid((before) => ({ text, n: before.n + 1 })), []);
  useEffect(() => {
    if (said.text === "") return undefined;
    const timer = window.setTimeout(() => setSaid({ text: "", n: said.n }), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [said]);
  return (
    <SayContext value={say}>
      {props.children}
      <div className="toast" role="status" aria-live="polite">
        {said.text === "" ? null : <span key={said.n}>{said.text}</span>}
      </div>
    </SayContext>
  );
}

export function useSay(): Say {
  return useContext(SayContext);
}
