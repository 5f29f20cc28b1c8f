// RegistrarLab
