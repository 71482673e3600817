/** The hall screen: everything that may be known now, readable from the last row. */

import { render } from "preact";
import "../shared/base.css";
import "../shared/results.css";
import "./hall.css";
import { chooseLanguage, words } from "../shared/words.ts";
import { Hall } from "./Hall.tsx";

const page = document.getElementById("page") as HTMLElement;

await chooseLanguage(new URLSearchParams(location.search).get("lang"), []);
document.title = words("hall.title");
page.replaceChildren();
render(<Hall uuid={location.pathname.split("/").pop() ?? ""} />, page);
