export * from "./Form";
export * from "./useForm";
