/** The page of committee and auditors: one file, which asks no server for anything. */

import { render } from "preact";
import "../shared/base.css";
import "../shared/results.css";
import "./committee.css";
import { chooseLanguage } from "../shared/words.ts";
import { Page } from "./Page.tsx";

const page = document.getElementById("page") as HTMLElement;

await chooseLanguage(new URLSearchParams(location.search).get("lang"), navigator.languages);
page.replaceChildren();
render(<Page />, page);
