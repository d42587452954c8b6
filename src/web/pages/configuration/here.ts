/** The page's route. */
export const HERE = "/repositories/$repository/configuration";
