import analyses from "./analyses.json";
import app from "./app.json";
import campaigns from "./campaigns.json";
import condition from "./condition.json";
import consent from "./consent.json";
import data from "./data.json";
import errors from "./errors.json";
import identity from "./identity.json";
import names from "./names.json";
import people from "./people.json";
import permissions from "./permissions.json";
import quality from "./quality.json";
import plan from "./plan.json";
import relations from "./relations.json";
import segments from "./segments.json";
import settings from "./settings.json";
import tags from "./tags.json";

export default { ...app, errors, names, condition, consent, data, identity, people, permissions, tags, segments, analyses, campaigns, settings, quality, plan, relations };
