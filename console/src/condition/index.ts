export * from "./ConditionBuilder";
export * from "./FilterEditor";
export * from "./LeafSentence";
export * from "./OptionList";
export * from "./RangeEditor";
export * from "./sentence";
export * from "./tree";
export * from "./useDictionary";
